"""Import this before torchvision: it lets torchvision's CUDA wheel load beside a CPU-only torch.

PyPI's Linux wheel of torchvision is built for CUDA. With a CPU-only torch its compiled library does
not load, and its Python side fails with "operator torchvision::nms does not exist". Declaring the
two operators it registers Python kernels for is enough; Inkling calls neither. With a torch that
has CUDA this module does nothing.
"""

import torch
from torch import library

if torch.version.cuda is None and not hasattr(torch.ops.torchvision, "nms"):
    # stored because the schemas live as long as this object
    _SCHEMAS = library.Library("torchvision", "DEF")
    for _operator in ("nms", "qnms"):
        _SCHEMAS.define(f"{_operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

"""The sources' residual networks (He et al., CVPR 2016), from torchvision's blocks; unlike
torchvision's, their convolutions have biases.
"""

from typing import Any

from torch import nn

from core.models.network import Colours, Network


def resnet34(classes: int) -> Network:
    """21,311,023 parameters with 47 classes. One channel; the pool after the stem is not padded, so
    28x28 becomes 6x6 there.
    """
    whole = _resnet("BasicBlock")
    whole.conv1, whole.maxpool = nn.Conv2d(1, 64, 7, stride=2, padding=3), nn.MaxPool2d(3, stride=2)
    return _network(
        [*_stem(whole), whole.layer1, whole.layer2, whole.layer3, whole.layer4], 512, classes
    )


def resnet50(classes: int) -> Network:
    """The full ResNet-50 of the Roman-numeral articles, as in Keras: 23,555,082 parameters with ten
    classes. Reads 32x32.
    """
    whole = _resnet("Bottleneck")
    layers = [*_stem(whole), whole.layer1, whole.layer2, whole.layer3, whole.layer4]
    return _network([nn.ZeroPad2d(2), Colours(), *layers], 2048, classes)


def resnet50_cut(classes: int) -> Network:
    """ResNet-50 cut off after its first stage, the fixed network of the Data-Centric AI
    competition: 229,386 parameters. Reads 32x32.
    """
    whole = _resnet("Bottleneck", deep=False)
    return _network([nn.ZeroPad2d(2), Colours(), *_stem(whole), whole.layer1], 256, classes)


def _resnet(block: str, *, deep: bool = True) -> Any:
    """torchvision's, with stages of 3, 4, 6 and 3 blocks; imported here because it takes a second
    that other networks do not need.

    deep : each block begins as the identity (Goyal et al., arXiv:1706.02677). ResNet-50 otherwise
    learns next to nothing in the few steps that a thousand images allow; a single stage learns more
    slowly so.
    """
    from core import torchvision_cpu  # noqa: F401  (before torchvision)
    from torchvision.models import resnet  # isort: skip

    return resnet.ResNet(getattr(resnet, block), [3, 4, 6, 3], zero_init_residual=deep)


def _stem(whole: Any) -> list[nn.Module]:
    return [whole.conv1, whole.bn1, whole.relu, whole.maxpool]


def _network(parts: list[nn.Module], width: int, classes: int) -> Network:
    features = nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    for layer in features.modules():
        if isinstance(layer, nn.Conv2d) and layer.bias is None:
            layer.bias = nn.Parameter(layer.weight.new_zeros(layer.out_channels))
    return Network(features, nn.Linear(width, classes))

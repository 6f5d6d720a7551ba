"""The sources' residual networks (He et al., CVPR 2016), from torchvision's blocks; unlike
torchvision's, their convolutions have biases.
"""

from typing import Any

from torch import Tensor, nn

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


def challenge_network(classes: int) -> Network:
    """The network of the Data-Centric AI competition (2021) as Keras builds it: ResNet-50 to
    conv2_block3, global average, dense; 232,330 parameters with ten classes, batch norm's running
    statistics counted.

    Float [N, 1, 32, 32], ink 0-1. Weights, batch norm and input are those of Keras: Glorot uniform,
    a momentum of 0.99, the means of ImageNet's channels subtracted.
    """
    whole = _resnet("Bottleneck", deep=False)
    network = _network([_KerasInput(), *_stem(whole), whole.layer1], 256, classes)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        elif isinstance(layer, nn.BatchNorm2d):
            layer.momentum, layer.eps = 0.01, 1.001e-5
    return network


class _KerasInput(nn.Module):
    """Ink [N, 1, H, W] in 0-1 as grey on white, 0-255, less the means of blue, green and red."""

    def forward(self, x: Tensor) -> Tensor:
        return 255 * (1 - x) - x.new_tensor([103.939, 116.779, 123.68]).reshape(1, 3, 1, 1)


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

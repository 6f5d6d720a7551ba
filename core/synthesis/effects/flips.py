"""Which character the mirror image of a character is: the only flips that leave a picture with a
true label.

Keys are labels in their own case; a label that is not in a table is never flipped that way. Roman
numerals are after the YARoMNIST articles: a small numeral stands for both cases (the class folders
i-x hold both), a capital one for capitals alone. Sets that merge cases (EMNIST's 47 classes) keep
small letters under capital labels, so K, M, U and Y, whose small forms have no such symmetry, are
in no table. I is turned over as the articles do, which in such a set moves the dot of an i to its
foot.
"""


def _itself(labels: str) -> dict[str, str]:
    return {label: label for label in labels.split()}


def _both_ways(*pairs: tuple[str, str]) -> dict[str, str]:
    return {one: other for pair in pairs for one, other in (pair, pair[::-1])}


LEFT_RIGHT = {
    **_itself("0 8"),
    **_itself("A H I O T V W X i o v w x"),
    **_itself("ii iii II III"),
    **_both_ways(("b", "d"), ("p", "q"), ("iv", "vi"), ("IV", "VI")),
}
TOP_BOTTOM = {
    **_itself("0 3 8"),
    **_itself("B C D E H I O X c o"),
    **_itself("II III IX"),
    **_both_ways(("b", "p"), ("d", "q")),
}
HALF_TURN = {
    **{
        label: TOP_BOTTOM[mirrored]
        for label, mirrored in LEFT_RIGHT.items()
        if mirrored in TOP_BOTTOM
    },
    **_itself("N S Z s z"),
    **_both_ways(("6", "9"), ("n", "u")),
}

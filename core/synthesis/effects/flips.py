"""Which character is the mirror image of a character: the only flips with a correct label.

Keys are labels in their own case; a label missing from a table is never flipped that way. Roman
numerals follow the YARoMNIST articles: a lower-case numeral stands for both cases (the class
folders i-x hold both), an upper-case one for upper case only. Sets that merge cases (EMNIST's 47
classes) store small letters under capital labels, so K, M, U and Y, whose small forms lack such
symmetry, are in no table. I is flipped vertically as in the articles, which in such a set moves the
dot of an i to its foot.
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

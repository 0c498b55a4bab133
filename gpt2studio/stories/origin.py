"""Where a character of the text came from: the continuation that brought it, whatever was changed around it since."""

from gpt2studio.stories.tree import Tree


def origin_of(tree: Tree, offset: int) -> tuple[int, int] | None:
    """The continuation that the character at *offset* of the current text came with, and its place in that.

    None for what a person wrote, and beyond the text's end.
    """
    for node in tree.ancestors():
        for splice in reversed(node.splices):
            if splice.at <= offset < splice.at + splice.put:
                by_model = node.generation is not None and splice is node.splices[0]
                return (node.id, offset - splice.at) if by_model else None
            if offset >= splice.at + splice.put:
                offset += splice.taken - splice.put
    return None

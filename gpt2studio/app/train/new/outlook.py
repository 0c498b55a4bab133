"""What is known of a new run before it begins, as it stands beside the form: its text, and what it will take."""

from textual.content import Content

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped
from gpt2studio.app.train.new import needs as run_needs
from gpt2studio.app.train.new.study import Study
from gpt2studio.runs.probe import DoesNotFit

_LABEL = 9
"""Cells before what a row says."""

_PREVIEW = 40
"""Lines of the text that are shown, at most."""


def text_content(study: Study, width: int) -> Content:
    """How much text there is, what is odd about it, and how it begins."""
    if study.fault is not None:
        return Content.assemble((shown(study.fault.message), "$text-error"), f"\n{shown(study.fault.hint)}")
    lines: list[Content] = []
    if study.looked is not None:
        lines.append(Content(run_needs.looked_line(study.looked)))
    if study.counted is not None and study.recipe is not None:
        for line in run_needs.counted_lines(study.counted, study.whole or study.recipe):
            lines.append(Content.styled(shown(line), "$text-warning" if line.startswith("!") else ""))
    elif study.counting is not None:
        done = study.counting.done / max(1, study.counting.total)
        lines.append(Content.styled(f"counting its tokens, {done:.0%}", "$text-muted"))
    else:
        lines.append(Content.styled("reading …", "$text-muted"))
    if study.looked is not None and study.looked.text:
        begins = study.looked.text.strip("\n").splitlines()[:_PREVIEW]
        lines += [Content(""), *(Content.styled(clipped(shown(line), width), "$text-muted") for line in begins)]
    return Content("\n").join(lines)


def takes_content(study: Study, width: int) -> Content:
    """What it will take, as far as it has been measured."""
    if study.fault is not None:
        return Content.styled("Nothing can be measured without a text.", "$text-muted")
    rows = run_needs.rows(study.needs) if study.needs is not None else run_needs.UNKNOWN
    lines = [_row(row, width) for row in rows]
    said: list[str] = []
    if study.needs is not None:
        said = list(run_needs.advice(study.needs))
    elif study.unfit is not None:
        what = study.unfit.message
        recipe = study.whole or study.recipe
        hint = study.unfit.hint
        if isinstance(study.unfit, DoesNotFit) and recipe is not None:
            hint = run_needs.would_fit(recipe)
        lines = []
        said = [f"{shown(what)} {shown(hint)}"]
    elif study.counted is not None:
        lines.append(Content.styled(run_needs.doing(study.event), "$text-muted"))
    lines += [Content.styled(f"! {each}", "$text-warning") for each in said]
    return Content("\n").join(lines)


def _row(row: run_needs.Row, width: int) -> Content:
    text = clipped(shown(row.text), max(4, width - _LABEL))
    return Content.assemble((f"{row.label:<{_LABEL}}", "$text-muted"), (text, "" if row.fits else "$text-error bold"))

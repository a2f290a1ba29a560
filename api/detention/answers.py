"""Shapes rows of reports into answers. Pure but for the keys."""

from collections.abc import Sequence
from datetime import datetime

from api.detention.forms import combined_values, missing_fields
from api.detention.repository import ChangeRow, ReportRow
from api.detention.schemas import (
    AnswerNow,
    Change,
    ChangeKind,
    CountdownNow,
    FieldChange,
    FormChoiceNow,
    FormFieldNow,
    FormNow,
    LawyerNow,
    Origin,
    Report,
    ReportState,
    ReportSummary,
)
from api.detention.sealing import open_changes, open_values
from api.detention.timing import countdown, seconds_between
from api.kit.numbers import NumberVault
from asterisk_conf.names import DETENTION_ANSWER_S, DETENTION_LATE_S
from routing.forms import DetentionForm, FormField


def state_of(row: ReportRow) -> ReportState:
    """Tells where a report stands."""
    if row.joined_to is not None:
        return ReportState.JOINED
    if row.lawyer_named_at is None:
        return ReportState.WAITING
    return ReportState.NAMED if row.lawyer_arrived_at is None else ReportState.ARRIVED


def summary(row: ReportRow, vault: NumberVault, now: datetime) -> ReportSummary:
    """Gives one report of the list."""
    return ReportSummary(
        report_id=row.id,
        number=row.number,
        origin=Origin(row.origin),
        state=state_of(row),
        call_id=row.call_id,
        operator=row.operator,
        answer=_answer(row, now),
        received_at=row.received_at,
        taken_by=row.taken_by,
        values=open_values(vault, row.values_encrypted),
        countdown=_countdown(row, now),
        lawyer=_lawyer(row, vault),
        joined_to=row.joined_to,
        revision=row.revision,
    )


def report(
    row: ReportRow, joined: Sequence[ReportRow], form: DetentionForm | None, vault: NumberVault, now: datetime
) -> Report:
    """Gives one report with those joined to it."""
    own = summary(row, vault, now)
    others = [summary(each, vault, now) for each in joined]
    combined = combined_values(own.values, *(each.values for each in others))
    return Report(
        **own.model_dump(),
        missing=[] if form is None else missing_fields(form, combined),
        joined=others,
        combined=combined,
    )


def _answer(row: ReportRow, now: datetime) -> AnswerNow | None:
    """Tells how long the caller waited; the yardstick is NENA-STA-020.1's."""
    if row.origin != Origin.CALL:
        return None
    until = row.answered_at or row.call_ended_at
    waited_s = max(0, seconds_between(row.received_at, until or now) or 0)
    return AnswerNow(
        is_waiting=until is None,
        waited_s=waited_s,
        is_over_15s=waited_s > DETENTION_ANSWER_S,
        is_over_20s=waited_s > DETENTION_LATE_S,
    )


def _countdown(row: ReportRow, now: datetime) -> CountdownNow | None:
    if state_of(row) is not ReportState.WAITING:
        return None
    left = countdown(row.received_at, row.name_lawyer_s, now)
    return CountdownNow(due_at=left.due_at, remaining_s=left.remaining_s, is_overdue=left.is_overdue)


def _lawyer(row: ReportRow, vault: NumberVault) -> LawyerNow | None:
    if row.lawyer_named_at is None:
        return None
    return LawyerNow(
        name=str(open_values(vault, row.lawyer_encrypted).get("name") or ""),
        named_at=row.lawyer_named_at,
        named_after_s=seconds_between(row.received_at, row.lawyer_named_at) or 0,
        arrived_at=row.lawyer_arrived_at,
        arrived_after_s=seconds_between(row.lawyer_named_at, row.lawyer_arrived_at),
    )


def change(row: ChangeRow, vault: NumberVault) -> Change:
    """Gives one row of the history."""
    fields = open_changes(vault, row.changes_encrypted)
    return Change(
        changed_at=row.changed_at,
        author=row.author,
        kind=ChangeKind(row.kind),
        fields=[FieldChange(field=name, old=old, new=new) for name, (old, new) in fields.items()],
    )


def form_now(version: str, form: DetentionForm) -> FormNow:
    """Gives the form in force."""
    return FormNow(
        plan_version=version, name_lawyer_s=form.name_lawyer_s, fields=[_form_field(field) for field in form.fields]
    )


def _form_field(field: FormField) -> FormFieldNow:
    return FormFieldNow(
        id=field.id,
        uk=field.title.uk,
        en=field.title.en,
        kind=field.kind,
        choices=[FormChoiceNow(id=each.id, uk=each.title.uk, en=each.title.en) for each in field.choices],
        is_needed=field.is_needed,
        is_checked=field.is_checked,
    )

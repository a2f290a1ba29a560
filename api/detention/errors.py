"""What can be wrong with a detention report."""

from api.kit.exceptions import ApiError


class NoFormError(ApiError):
    """The plan in force has no form for detention reports: publish one that has."""

    status = 409
    error_id = "no_form"


class FieldsInvalidError(ApiError):
    """The form has no such field, or a value does not fit; `details.fields` says why for each."""

    status = 422
    error_id = "fields_invalid"


class RevisionConflictError(ApiError):
    """Somebody else has changed the report meanwhile; `details.revision` is the one it has now."""

    status = 409
    error_id = "revision_conflict"


class ReportJoinedError(ApiError):
    """The report is joined to another one, which is the one to write into; `details.joined_to` names it."""

    status = 409
    error_id = "report_joined"


class CannotJoinError(ApiError):
    """A report cannot be joined to itself, nor to one that is joined elsewhere."""

    status = 409
    error_id = "cannot_join"


class NotJoinedError(ApiError):
    """The report is joined to none."""

    status = 409
    error_id = "not_joined"


class MomentInvalidError(ApiError):
    """A lawyer is named after the report and arrives after that, and neither lies in the future."""

    status = 422
    error_id = "moment_invalid"


class TooManyRowsError(ApiError):
    """More reports than one answer holds: ask for a shorter time."""

    status = 422
    error_id = "too_many_rows"


class NumbersUsedUpError(ApiError):
    """All registration numbers of the day are given."""

    status = 409
    error_id = "numbers_used_up"

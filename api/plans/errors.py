"""What can be wrong with a plan or with its publication."""

from api.kit.exceptions import ApiError


class NoPlanError(ApiError):
    """Nothing has been published yet."""

    status = 404
    error_id = "no_plan"


class PlanInvalidError(ApiError):
    """The document is not the snapshot of a plan."""

    status = 422
    error_id = "plan_invalid"


class PlanNotProvenError(ApiError):
    """The plan has paths that end nowhere; `details.dead_ends` holds them."""

    status = 422
    error_id = "plan_not_proven"


class PlanConflictError(ApiError):
    """Another version is in force than the one expected; `details` tells who published it and when."""

    status = 409
    error_id = "plan_conflict"


class PlanUnchangedError(ApiError):
    """This version is in force already."""

    status = 409
    error_id = "plan_unchanged"


class NothingToRollBackError(ApiError):
    """There is no publication before the one in force."""

    status = 409
    error_id = "nothing_to_roll_back"


class UnknownDidError(ApiError):
    """The number called is none of the plan's."""

    status = 422
    error_id = "unknown_did"

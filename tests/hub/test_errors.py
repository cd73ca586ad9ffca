"""Each error says by itself what may be done next."""

import pickle

import pytest

from hubportal.hub import errors
from hubportal.hub.errors import HubBusy, HubError, HubGarbled, HubInterrupted, HubRefused, HubUnreachable


def every_kind(kind: type[HubError] = HubError) -> list[type[HubError]]:
    return [kind, *(found for below in kind.__subclasses__() for found in every_kind(below))]


@pytest.mark.parametrize(
    ("error", "resend", "unknown", "retry"),
    [
        (HubUnreachable(), True, False, True),
        (HubBusy(status=429), True, False, True),
        (HubRefused("invalid_request", status=400), False, False, False),
        (HubRefused("generationFailed", status=500), False, False, True),
        (errors.KeyRejected("invalidApiKey", status=401), False, False, False),
        (errors.OutOfCredits("insufficientCredits", status=402), False, False, False),
        (errors.NotFound("notFound", status=404), False, False, False),
        (errors.ReferenceUnreadable(), False, False, False),
        (HubInterrupted(), False, True, True),
        (HubGarbled(status=502), False, True, True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_decisions_are_these(error, resend, unknown, retry):
    assert (error.may_resend_post, error.outcome_unknown, error.may_retry_get) == (resend, unknown, retry)


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: kind.__name__)
def test_nothing_of_unknown_outcome_may_be_sent_again(kind):
    assert not (kind.outcome_unknown and kind.may_resend_post)


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: kind.__name__)
def test_an_error_survives_a_trip_to_another_process(kind):
    error = kind("aCode", "A sentence.", status=418, retry_after=3.0, detail="words")

    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is kind
    assert vars(copy) == vars(error)


def test_an_error_tells_all_it_knows_on_one_line():
    assert str(HubRefused("aCode", "A sentence.", status=418)) == "aCode: HTTP 418: A sentence."
    assert str(HubUnreachable(detail="refused")) == "unreachable: refused"

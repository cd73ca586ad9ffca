"""Telling a person's browsers, through their push services.

A message that may have arrived is sent again: it has the notification's id for its tag, and the browser puts it in the
first one's place.
"""

import json
from email.utils import parseaddr

import structlog
from django.conf import settings
from django.urls import reverse

from hubportal.accounts.sessions import is_signed_in
from hubportal.connections import release_connections
from hubportal.hub.public_hosts import RequestFailed
from hubportal.hub.push import post_bytes
from hubportal.notifications.events import EVENTS, Channel
from hubportal.notifications.models import Delivery, DeliveryState, Notification, PushSubscription
from hubportal.notifications.preferences import channels_of
from hubportal.notifications.push_encryption import authorization, encrypt
from hubportal.notifications.wording import sentences_of

log = structlog.get_logger(__name__)

# A push service on this machine, in tests.
PRIVATE_HOSTS: frozenset[str] = frozenset()
TTL = 24 * 3600  # seconds for which a push service keeps it for a browser that is off
MAX_WORDS = 300  # characters of each text


def send_push(pk: int) -> None:
    """Send one notification to all browsers of its person, and write down what came of it."""
    delivery = Delivery.objects.claim(pk)
    if delivery is None:
        return
    browsers = _browsers_of(delivery.notification) if _still_wanted(delivery.notification) else []
    message = _compose(delivery.notification)
    release_connections()
    states = {_send(browser, delivery.notification, message) for browser in browsers}
    if DeliveryState.WAITING in states:
        Delivery.record_not_sent([delivery])
    else:
        best = next((state for state in (DeliveryState.SENT, DeliveryState.FAILED) if state in states), None)
        Delivery.record([delivery], best or DeliveryState.DROPPED)


def _still_wanted(notification: Notification) -> bool:
    event, user = EVENTS.get(notification.event), notification.user_id
    if event is None or Channel.PUSH not in channels_of(event, [user], notification.team)[user]:
        return False
    allowed = Notification.objects.may_reach(notification.user_id)
    return allowed.filter(pk=notification.pk, user__is_active=True).exists()


def _browsers_of(notification: Notification) -> list[PushSubscription]:
    """Those in which the person is still signed in; the others are forgotten: somebody else may sit there."""
    browsers = list(PushSubscription.objects.filter(user=notification.user_id))
    gone = [browser.pk for browser in browsers if not is_signed_in(browser.session_key, notification.user)]
    PushSubscription.objects.filter(pk__in=gone).delete()
    return [browser for browser in browsers if browser.pk not in gone]


def _compose(notification: Notification) -> bytes:
    said = sentences_of(notification)
    link = reverse("notifications:follow", args=[notification.pk]) if notification.in_bar else notification.link
    body = f"{said.text} ({notification.team.name})" if said.text else notification.team.name
    told = {"title": said.headline[:MAX_WORDS], "body": body[:MAX_WORDS], "tag": notification.pk.hex, "url": link}
    return json.dumps(told, ensure_ascii=False).encode()


def _send(browser: PushSubscription, notification: Notification, message: bytes) -> DeliveryState:
    """SENT, FAILED, WAITING (to be sent again), or DROPPED: the browser is no more, and forgotten."""
    contact = f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"
    headers = {
        "Authorization": authorization(settings.VAPID_PRIVATE_KEY, browser.endpoint, contact),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(TTL),
        "Topic": notification.pk.hex,  # takes the place of the same one that still waits there (RFC 8030, 5.4)
    }
    try:
        body = encrypt(message, browser.p256dh, browser.auth)
        status = post_bytes(browser.endpoint, body, headers, private_hosts=PRIVATE_HOSTS)
    except RequestFailed as error:
        log.warning("browser not told", reason=error.reason)
        return DeliveryState.FAILED if error.permanent else DeliveryState.WAITING
    if status in (404, 410):  # RFC 8030, 7.3
        browser.delete()
        return DeliveryState.DROPPED
    if 200 <= status < 300:
        return DeliveryState.SENT
    log.warning("browser not told", status=status)
    return DeliveryState.WAITING if status == 429 or status >= 500 else DeliveryState.FAILED

"""What people are told, and by which way: in the bar, by e-mail, in browsers, in a team's channels.

A room above declares what it tells in its module `notification_events` (loaded at the start) and calls `outbox.notify`
inside the act. The worker sends (`delivery`, `mail`), each message once as far as that can be known.

May import: teams, audit, accounts, listing and the ground floor. Must not know: keys, credits, generations; they come
as facts, and their sentences with the event.
"""

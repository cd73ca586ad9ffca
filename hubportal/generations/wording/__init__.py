"""The sentences of this room, by subject: what stands in an order's way (`orders`), what became of it
(`outcomes`), and what is known in a doubt (`doubts`).

Whole sentences with placeholders only, since languages order their words differently. Facts are found elsewhere
(reconciliation, submission, the record); here they become sentences.
"""

"""The sentences of this room, in two halves: what stands in an order's way (`orders`), what became of it (`outcomes`).

Whole sentences with placeholders only, since languages order their words differently. Facts are found elsewhere
(reconciliation, submission, the record); here they become sentences.
"""

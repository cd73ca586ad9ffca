"""The faults a prompt can ask for: one table that both drives the sandbox and is printed on its page.

A fault is a word in square brackets anywhere in the prompt, with an argument after it: `[slow 20]`. Several may stand
in one prompt. To add one, write a row that fills in the stages it changes (`fault.Fault`).
"""

"""The workshop: a process of its own, with little memory and time, in which strangers' files are opened.

It is started for one file, gets no secrets, and answers in JSON what it found and made.
"""

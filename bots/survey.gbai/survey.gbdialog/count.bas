' Counts one person's answers. Each question has a key in the bot's memory that holds a map of answers and how often each was
' given; when two people answer at once, the host runs the later one again on the newer numbers.

PARAM given AS object DESCRIPTION "The answers by the keys of their questions."

FOR EACH question IN questions
    reply = given[question.key]
    IF reply IS NOT NULL THEN note(question, reply)
NEXT

SUB note(question, reply)
    tally = GET BOT MEMORY("survey " + question.key)
    IF tally IS NULL THEN tally = NEW OBJECT
    ' Remarks are kept, not counted.
    IF question.kind = "text" THEN
        IF tally.remarks IS NULL THEN tally.remarks = []
        PUSH tally.remarks, LEFT(reply, 500)
    ELSE
        name = "" + reply
        tally[name] = (tally[name] IS NULL ? 0 : tally[name]) + 1
    END IF
    SET BOT MEMORY "survey " + question.key, tally
END SUB

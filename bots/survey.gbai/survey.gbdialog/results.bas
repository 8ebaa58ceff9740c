' How everybody answered: a bar for each answer, and the average of what is a number.

FOR EACH question IN questions
    tally = GET BOT MEMORY("survey " + question.key)
    IF tally IS NOT NULL AND question.kind <> "text" THEN show(question, tally)
NEXT

SUB show(question, tally)
    counts = []
    points = []
    FOR EACH answer IN tally
        PUSH counts, tally[answer]
        IF question.kind = "rating" THEN PUSH points, VAL(answer) * tally[answer]
    NEXT
    people = SUM(counts)

    rows = [question.text]
    FOR EACH answer IN tally
        PUSH rows, "${REPEAT("#", tally[answer])} ${answer}: ${FORMAT(tally[answer] / people, "0%")}"
    NEXT
    IF points THEN PUSH rows, "On average: " + FORMAT(SUM(points) / people, "0.0")
    TALK JOIN(rows, "\n")
END SUB

' Rounds of questions, a second try for each, a score, and a table of the best.

CONST tries = 2

rounds = [
    #{ title: "Numbers", questions: [
        #{ ask: "What is 7 times 8?", answer: 56 },
        #{ ask: "How many sides has a hexagon?", answer: 6 },
    ] },
    #{ title: "Places", questions: [
        #{ ask: "Which of these is the largest ocean?", options: ["Atlantic", "Indian", "Pacific"], answer: "Pacific" },
        #{ ask: "Which river flows through Cairo?", options: ["Congo", "Nile", "Niger"], answer: "Nile" },
    ] },
    #{ title: "Words", questions: [
        #{ ask: "Which word reads the same backwards: level or lever?", options: ["level", "lever"], answer: "level" },
    ] },
]

HEAR player WITH "Welcome to the quiz! Who is playing?"
player = LEFT(TRIM(player), 15)
WHILE player = ""
    HEAR player WITH "The table of the best needs a name. What is yours?"
    player = LEFT(TRIM(player), 15)
WEND

DO
    score = 0
    possible = 0
    FOR EACH round IN rounds
        TALK "Round: ${round.title}"
        earned = []
        FOR EACH question IN round.questions
            earned.push(points_for(question))
            possible = possible + tries
        NEXT
        score = score + SUM(earned)
        TALK "${SUM(earned)} points in this round, ${score} so far."
    NEXT

    TALK "${player}, you have ${score} of ${possible} points: ${verdict(score / possible)}"
    CALL note_score(player, score)
    HEAR again AS BOOLEAN WITH "Another game?" DEFAULT FALSE
LOOP WHILE again

TALK "Thank you for playing."

' Asks until the answer is right or the tries are used up. The points: one for each try that is left.
FUNCTION points_for(question)
    FOR left_tries = tries TO 1 STEP -1
        IF answer_to(question) = question.answer THEN
            IF left_tries = tries THEN TALK "Right!" ELSE TALK "Right, on the second thought."
            RETURN left_tries
        END IF
        IF left_tries > 1 THEN TALK "No. Think again."
    NEXT
    TALK "No. It is ${question.answer}."
    RETURN 0
END FUNCTION

' A question with options is a menu; one without takes a number.
FUNCTION answer_to(question)
    IF question.options THEN
        HEAR reply AS question.options WITH question.ask
    ELSE
        HEAR reply AS INTEGER WITH question.ask
    END IF
    RETURN reply
END FUNCTION

FUNCTION verdict(share)
    SELECT CASE share
        CASE 1
            RETURN "perfect."
        CASE IS >= 0.6
            RETURN "well done."
        CASE 0.3 TO 0.6
            RETURN "not bad."
        CASE ELSE
            RETURN "there is room to grow."
    END SELECT
END FUNCTION

' Keeps the three best scores of all players and says them.
SUB note_score(name, points)
    table = GET BOT MEMORY("best")
    IF table IS NULL THEN table = []
    better = []
    placed = FALSE
    FOR EACH entry IN table
        IF NOT placed AND points > entry.points THEN
            PUSH better, #{ name: name, points: points }
            placed = TRUE
        END IF
        PUSH better, entry
    NEXT
    IF NOT placed THEN PUSH better, #{ name: name, points: points }

    best = []
    lines = []
    FOR EACH entry IN better
        IF COUNT(best) < 3 THEN
            PUSH best, entry
            PUSH lines, COUNT(best) + ". " + entry.name + " " + REPEAT(".", 20 - LEN(entry.name)) + " " + entry.points
        END IF
    NEXT
    SET BOT MEMORY "best", best
    TALK "The best so far:\n" + JOIN(lines, "\n")
END SUB

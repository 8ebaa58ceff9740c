' Rounds of questions, a second try for each, a score, and a table of the best.

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
player = TRIM(player)

DO
    score = 0
    possible = 0
    FOR EACH round IN rounds
        TALK "Round: ${round.title}"
        earned = []
        FOR EACH question IN round.questions
            earned.push(points_for(question))
            possible = possible + VAL(tries)
        NEXT
        score = score + SUM(earned)
        TALK "${SUM(earned)} points in this round, ${score} so far."
    NEXT

    TALK "${player}, you have ${score} of ${possible} points: ${verdict(score / possible)}"
    CALL "best", player, score
    HEAR again AS BOOLEAN WITH "Another game?" DEFAULT FALSE
LOOP WHILE again

TALK "Thank you for playing."

' Asks until the answer is right or the tries are used up. The points: one for each try that is left.
FUNCTION points_for(question)
    FOR left_tries = VAL(tries) TO 1 STEP -1
        IF answer_to(question) = question.answer THEN
            TALK IIF_TEXT(left_tries = VAL(tries), "Right!", "Right, on the second thought.")
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

FUNCTION iif_text(condition, yes, no)
    RETURN condition ? yes : no
END FUNCTION

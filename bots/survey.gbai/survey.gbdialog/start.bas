' A survey: asks what questions.bas lists, lets the person look over the answers, counts them in the bot's memory and shows how
' everybody answered. Nothing that was said is kept with a name.

CALL "questions"

HEAR willing AS BOOLEAN WITH "May I ask you four questions about your visit?" DEFAULT FALSE
IF NOT willing THEN
    TALK "Another time, then."
    EXIT
END IF

answers = NEW OBJECT
FOR EACH question IN questions
    answers[question.key] = ask(question)
NEXT

DO
    show_answers()
    HEAR right AS BOOLEAN WITH "Is that right?" DEFAULT TRUE
    IF right THEN BREAK
    correct_one()
LOOP

' A result that cannot be read must not cost us the answer's thanks.
TRY
    CALL "count", answers
CATCH problem
    TALK "Your answers could not be counted: ${problem.message}"
END TRY
TALK "Thank you!"

HEAR curious AS BOOLEAN WITH "Would you like to see how others answered?" DEFAULT FALSE
IF curious THEN CALL "results"
TALK "Goodbye."

' Asks one question, in the way of its kind. NULL: no answer.
FUNCTION ask(question)
    SWITCH question.kind
        CASE "choice"
            HEAR reply AS question.options WITH question.text
        CASE "open choice"
            HEAR reply AS question.options, * WITH question.text
        CASE "rating"
            reply = ask_rating(question)
        DEFAULT
            HEAR reply WITH question.text
            reply = TRIM(reply)
            IF LCASE(reply) IN ["no", "nothing", "none", "-", ""] THEN reply = NULL
    END SWITCH
    RETURN reply
END FUNCTION

' A number of 1 to 5.
FUNCTION ask_rating(question)
    FOR attempt = 1 TO 3
        HEAR stars AS INTEGER WITH question.text
        IF stars IS NULL THEN RETURN NULL
        IF stars >= 1 AND stars <= 5 THEN RETURN stars
        TALK "From 1 to 5, please."
    NEXT
    RETURN NULL
END FUNCTION

SUB show_answers()
    rows = ["Your answers:"]
    FOR EACH question IN questions
        reply = answers[question.key]
        PUSH rows, "${question.title}: " + (reply IS NULL ? "no answer" : reply)
    NEXT
    TALK JOIN(rows, "\n")
END SUB

SUB correct_one()
    titles = []
    FOR EACH question IN questions
        PUSH titles, question.title
    NEXT
    HEAR wrong AS titles WITH "Which one shall I ask again?"
    FOR EACH question IN questions
        IF question.title = wrong THEN answers[question.key] = ask(question)
    NEXT
END SUB

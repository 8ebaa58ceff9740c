' Greets, asks for a name, and remembers it for as long as the conversation lives.

IF visits IS NULL THEN
    visits = 0
    notes = []
END IF
visits = visits + 1

IF user_name THEN
    TALK "Welcome back, ${user_name}! This is round ${visits} of our conversation."
ELSE
    TALK "Hello! I am a bot that remembers."
    WHILE NOT user_name
        HEAR answer AS TEXT WITH "What is your name?"
        user_name = tidy_name(answer)
        IF NOT user_name THEN TALK "I did not catch that."
    WEND
    greeted = GET BOT MEMORY("people-greeted")
    IF greeted IS NULL THEN greeted = 0
    SET BOT MEMORY "people-greeted", greeted + 1
    TALK "Nice to meet you, ${user_name}. You are number ${greeted + 1} to tell me a name."
END IF

DO
    HEAR choice AS "Note something", "Read my notes", "About this bot", "Goodbye" WITH "What shall we do?" DEFAULT "Goodbye"

    SELECT CASE choice
        CASE "Note something"
            HEAR note WITH "I am listening."
            PUSH notes, #{ text: TRIM(note), day: TODAY() }
            TALK "Noted. That makes ${COUNT(notes)}."
        CASE "Read my notes"
            CALL read_notes()
        CASE "About this bot"
            BEGIN TALK
                I am a BASIC script of a few dozen lines.
                You said ${GET "session.message_count"} things to me so far, and I keep
                what matters between them: close this page, come back, and go on.
            END TALK
    END SELECT
LOOP UNTIL choice = "Goodbye"

TALK "Goodbye, ${user_name}. Write anything to come back."

SUB read_notes()
    IF notes IS EMPTY THEN
        TALK "There are no notes yet."
        RETURN
    END IF
    number = 0
    FOR EACH note IN notes
        number = number + 1
        TALK "${number}. ${note.text} (${note.day})"
    NEXT note
END SUB

' The name in "my name is ann", with a capital letter; "" if there is none.
FUNCTION tidy_name(text)
    name = TRIM(text)
    FOR EACH opening IN ["my name is ", "i am ", "i'm ", "call me "]
        IF LCASE(LEFT(name, LEN(opening))) = opening THEN name = TRIM(MID(name, LEN(opening) + 1))
    NEXT
    RETURN UCASE(LEFT(name, 1)) + MID(name, 2)
END FUNCTION

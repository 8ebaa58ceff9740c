' A help desk: takes a ticket, question by question, lets the person correct it, and files it.

CONST fields = ["subject", "area", "urgency", "people", "reached"]

TALK "This is the help desk."
ticket = NEW OBJECT
IF filed IS NULL THEN filed = []

DO
    IF ticket IS EMPTY THEN
        FOR EACH field IN fields
            ticket[field] = ask(field)
        NEXT
    END IF

    CALL "summary"
    HEAR decision AS "File it", "Change something", "Throw it away" WITH "Shall I file this ticket?"

    SELECT CASE decision
        CASE "File it"
            CALL "file"
            ticket = NEW OBJECT
        CASE "Change something"
            HEAR field AS fields WITH "Which one?"
            IF field IS NOT NULL THEN ticket[field] = ask(field)
        CASE ELSE
            TALK "Thrown away. Nothing was filed."
            ticket = NEW OBJECT
    END SELECT

    IF ticket IS EMPTY THEN
        HEAR again AS BOOLEAN WITH "Is there anything else?" DEFAULT FALSE
        IF NOT again THEN BREAK
    END IF
LOOP

TALK "Thank you for telling us."

' Asks for one field of the ticket until the answer is usable.
FUNCTION ask(field)
    SWITCH field
        CASE "subject"
            subject = ""
            DO WHILE LEN(subject) < 5
                HEAR subject WITH "In one sentence: what is wrong?"
                subject = TRIM(subject)
                IF LEN(subject) < 5 THEN TALK "A little more, please."
            LOOP
            RETURN subject
        CASE "area"
            HEAR area AS "Computer", "Network", "Telephone", "Building", * WITH "What is it about?"
            RETURN area
        CASE "urgency"
            HEAR urgency AS "Low", "Normal", "High" WITH "How urgent is it?" DEFAULT "Normal"
            RETURN urgency
        CASE "people"
            DO
                HEAR people AS INTEGER WITH "How many people does it stop from working?" DEFAULT 1
                IF people < 0 THEN TALK "That cannot be fewer than none."
            LOOP UNTIL people >= 0
            RETURN people
        DEFAULT
            HEAR reached AS BOOLEAN WITH "May we call you about it?" DEFAULT FALSE
            IF NOT reached THEN RETURN "by message"
            HEAR telephone WITH "On which number?"
            RETURN "by telephone, " + REPLACE(TRIM(telephone), " ", "")
    END SWITCH
END FUNCTION

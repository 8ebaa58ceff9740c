' Gives the ticket the next number of this bot and keeps it for the people of the desk.

last_number = GET BOT MEMORY("last-ticket")
IF last_number IS NULL THEN last_number = 0
ticket.number = last_number + 1
ticket.filed = NOW()

SET BOT MEMORY "last-ticket", ticket.number
SET BOT MEMORY "ticket-" + ticket.number, ticket
PUSH filed, ticket.number

TALK "Filed as ticket " + FORMAT(ticket.number, "0000") + "."
IF ticket.urgency = "High" AND ticket.people > 10 THEN
    TALK "That is a serious one: somebody looks at it now."
ELSE IF ticket.urgency = "High" THEN
    TALK "Somebody looks at it within the hour."
ELSE
    TALK "Somebody looks at it today."
END IF

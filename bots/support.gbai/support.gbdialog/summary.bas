' Says the ticket as it stands.

BEGIN TALK
    Your ticket so far:

    Subject: ${ticket.subject}
    Area: ${ticket.area}
    Urgency: ${ticket.urgency}
    People stopped: ${ticket.people}
    We reach you: ${ticket.reached}
END TALK

' An order desk. The order is a list of lines, `#{ name, price, amount }`, that can be added to, corrected and thrown away until
' it is placed.

CONST catalogue = #{
    apples: #{ price: 2.4, unit: "kg" },
    bread: #{ price: 3.2, unit: "loaf" },
    cheese: #{ price: 18.5, unit: "kg" },
    eggs: #{ price: 0.35, unit: "piece" },
}

TALK "Welcome to the order desk."
show_catalogue()
lines = []
discount = 0
voucher = NULL

DO
    HEAR request AS "Add something", "Change a line", "Remove a line", "Use a voucher", "Place the order", "Leave" WITH "What shall I do?" DEFAULT "Leave"

    SELECT CASE request
        CASE "Add something"
            add_line()
        CASE "Change a line"
            at = ask_line("Which line shall I change?")
            IF at >= 0 THEN lines[at].amount = ask_amount(lines[at].name)
            show_order()
        CASE "Remove a line"
            remove_line(ask_line("Which line shall I remove?"))
            show_order()
        CASE "Use a voucher"
            CALL "voucher"
        CASE "Place the order"
            CALL "place"
            IF placed THEN BREAK
    END SELECT
LOOP UNTIL request = "Leave"

TALK "Goodbye!"

SUB show_catalogue()
    rows = ["We have:"]
    FOR EACH name IN catalogue
        PUSH rows, "${name}, ${money(catalogue[name].price)} a ${catalogue[name].unit}"
    NEXT
    TALK JOIN(rows, "\n")
END SUB

' Takes a line in one sentence, such as "3 apples". What cannot be understood is told and asked for again.
SUB add_line()
    DO
        HEAR sentence WITH "What would you like? For example: 3 apples"
        TRY
            line = read_line(sentence)
            PUSH lines, line
            TALK "${line.amount} x ${line.name}: ${money(line.amount * line.price)}"
            RETURN
        CATCH problem
            TALK problem.message
        END TRY
        HEAR again AS BOOLEAN WITH "Shall we try again?" DEFAULT FALSE
    LOOP WHILE again
END SUB

' The line that a sentence asks for; throws what is wrong with it.
FUNCTION read_line(sentence)
    words = SPLIT(LCASE(TRIM(sentence)), " ")
    amount = VAL(words[0])
    name = words[COUNT(words) - 1]
    IF amount <= 0 THEN THROW "I need an amount first, as in: 3 " + name
    ' VAL takes what it can read of `2,5`.
    IF words[0] IS NOT NUMERIC THEN THROW "I cannot read the amount ${words[0]}. Write it as in: 2.5 " + name
    IF NOT catalogue[name] THEN name = name + "s"
    IF NOT catalogue[name] THEN THROW "We have no ${words[COUNT(words) - 1]}."
    RETURN #{ name: name, price: catalogue[name].price, amount: amount }
END FUNCTION

' A new amount, more than nothing.
FUNCTION ask_amount(name)
    DO
        HEAR amount AS NUMBER WITH "How many of ${name}?" DEFAULT 1
    LOOP UNTIL amount > 0
    RETURN amount
END FUNCTION

' The place of a line that is chosen; -1 if there is none.
FUNCTION ask_line(question)
    IF lines IS EMPTY THEN
        TALK "There is nothing in the order yet."
        RETURN -1
    END IF
    choices = []
    FOR EACH line IN lines
        PUSH choices, COUNT(choices) + 1 + ". " + line.name
    NEXT
    HEAR choice AS choices WITH question
    FOR at = 0 TO COUNT(choices) - 1
        IF choices[at] = choice THEN RETURN at
    NEXT
    RETURN -1
END FUNCTION

SUB remove_line(at)
    kept = []
    FOR i = 0 TO COUNT(lines) - 1
        IF i <> at THEN PUSH kept, lines[i]
    NEXT
    lines = kept
END SUB

SUB show_order()
    CALL "summary"
END SUB

FUNCTION money(amount)
    RETURN FORMAT(amount, "$ #,##0.00")
END FUNCTION

' The desk of a practice, in Portuguese: books, shows and cancels appointments.
'
' What this person booked is in `marcados`, a variable of the conversation. Which hours are taken is in the bot's memory, one
' key for each hour, where every conversation sees it: marcar.bas writes them, cancelar.bas gives them back.

IF nome THEN
    TALK "Olá de novo, ${nome}!"
ELSE
    TALK "Olá! Aqui é o agendamento do consultório."
    marcados = []
END IF

DO
    HEAR escolha AS "Marcar um horário", "Ver meus horários", "Cancelar um horário", "Sair" WITH "O que deseja fazer?" DEFAULT "Sair"

    SWITCH escolha
        CASE "Marcar um horário"
            CALL "identificar"
            IF cpf THEN CALL "marcar"
        CASE "Ver meus horários"
            mostrar()
        CASE "Cancelar um horário"
            CALL "cancelar"
    END SWITCH
LOOP UNTIL escolha = "Sair"

TALK "Até logo!"

SUB mostrar()
    IF marcados IS EMPTY THEN
        TALK "Você não tem horários marcados."
        RETURN
    END IF
    linhas = ["Seus horários:"]
    FOR EACH marcado IN marcados
        PUSH linhas, "- " + marcado.texto
    NEXT
    TALK JOIN(linhas, "\n")
END SUB

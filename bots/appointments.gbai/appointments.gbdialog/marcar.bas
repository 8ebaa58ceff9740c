' Books an hour: the service, a day, an hour of it that is free.

CONST horários = ["09:00", "10:00", "11:00", "14:00", "15:00", "16:00"]

HEAR serviço AS "Consulta", "Retorno", "Exame" WITH "Qual é o serviço?" DEFAULT "Consulta"

dia = perguntar_dia()
IF dia IS NULL THEN
    TALK "Sem um dia não consigo marcar."
    RETURN
END IF

hora = perguntar_hora(horários_livres(dia))
IF hora IS NULL THEN
    TALK "Então não marquei nada."
    RETURN
END IF

texto = "${serviço} em ${por_extenso(dia)} às ${hora}"
HEAR confirmado AS BOOLEAN WITH "Posso marcar: ${texto}?" DEFAULT FALSE
IF NOT confirmado THEN
    TALK "Então não marquei nada."
    RETURN
END IF

' While this person thought about it, somebody else may have taken the hour.
chave = "agenda " + dia + " " + hora
IF GET BOT MEMORY(chave) THEN
    TALK "Que pena: alguém acabou de marcar esse horário."
    RETURN
END IF
SET BOT MEMORY chave, #{ nome: nome, cpf: cpf, telefone: telefone, serviço: serviço }
PUSH marcados, #{ chave: chave, texto: texto }
TALK "Marcado: ${texto}."

' The day that is wanted, from today on; NULL if none is said.
FUNCTION perguntar_dia()
    DO
        HEAR pedido AS DATE WITH "Para que dia?"
        IF pedido IS NULL THEN RETURN NULL
        IF pedido >= TODAY() THEN RETURN pedido
        TALK "Esse dia já passou."
    LOOP
END FUNCTION

' One of the free hours; NULL if none will do.
FUNCTION perguntar_hora(livres)
    IF livres IS EMPTY THEN
        TALK "Nesse dia não há mais horários livres."
        RETURN NULL
    END IF
    TALK "Livres nesse dia: " + JOIN(livres, ", ") + "."
    FOR tentativa = 1 TO 3
        HEAR pedida AS TIME WITH "A que horas?"
        IF pedida IN livres THEN RETURN pedida
        IF pedida IS NOT NULL THEN TALK "Às ${pedida} não dá."
    NEXT
    RETURN NULL
END FUNCTION

FUNCTION horários_livres(dia)
    livres = []
    FOR EACH horário IN horários
        ocupado = GET BOT MEMORY("agenda " + dia + " " + horário)
        passou = dia + "T" + horário <= NOW()
        IF NOT ocupado AND NOT passou THEN PUSH livres, horário
    NEXT
    RETURN livres
END FUNCTION

' 25/12/2026
FUNCTION por_extenso(dia)
    partes = SPLIT(dia, "-")
    RETURN partes[2] + "/" + partes[1] + "/" + partes[0]
END FUNCTION

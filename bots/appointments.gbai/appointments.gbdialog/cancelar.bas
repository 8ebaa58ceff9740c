' Gives back an hour of this person's.

IF marcados IS EMPTY THEN
    TALK "Você não tem horários para cancelar."
    RETURN
END IF

opções = []
FOR EACH marcado IN marcados
    PUSH opções, marcado.texto
NEXT
HEAR desistência AS opções, "Nenhum deles" WITH "Qual deles?" DEFAULT "Nenhum deles"

restantes = []
FOR EACH marcado IN marcados
    IF marcado.texto = desistência THEN
        SET BOT MEMORY marcado.chave, NULL
        TALK "Cancelado: ${marcado.texto}."
    ELSE
        PUSH restantes, marcado
    END IF
NEXT
marcados = restantes

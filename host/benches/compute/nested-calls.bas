total = 0
FOR round = 1 TO 300
    total = total + dot(scaled(numbers(50), 3), numbers(50))
NEXT
TALK total

FUNCTION numbers(n)
    list = []
    FOR i = 1 TO n
        PUSH list, square(i)
    NEXT
    RETURN list
END FUNCTION

FUNCTION scaled(list, factor)
    result = []
    FOR EACH item IN list
        PUSH result, item * factor
    NEXT
    RETURN result
END FUNCTION

FUNCTION dot(a, b)
    sum = 0
    FOR i = 0 TO COUNT(a) - 1
        sum = sum + a[i] * b[i]
    NEXT
    RETURN sum
END FUNCTION

FUNCTION square(x)
    RETURN x * x
END FUNCTION

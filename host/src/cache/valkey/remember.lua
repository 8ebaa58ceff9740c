-- Remembers what a turn leaves behind.
-- KEYS: the state with its projections, then the list of messages; either may be absent. ARGV: how many keys the state has,
-- milliseconds to live, the most messages, the version of the state, a value for each key of the state, then messages in
-- order; each begins {"seq":N,
-- Returns the number of the first message of the list if there are earlier ones that it could hold, else 0.
local parts, lifetime, most, version = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

-- Writes the state, unless one of a later version is there already. A state begins with its version in 20 digits; one that no
-- conversation reaches is not ours.
local function replace()
    local kept = tonumber(redis.call('GETRANGE', KEYS[1], 0, 19))
    if not kept or kept <= version or kept > 2 ^ 53 then
        for i = 1, parts do
            redis.call('SET', KEYS[i], ARGV[4 + i], 'PX', lifetime)
        end
    end
end

local function number(message)
    return message and tonumber(string.match(message, '^{"seq":(%d+)'))
end

-- Adds messages to the latest ones, at whichever end they belong to, so that the list never has a gap and the order in which
-- writers come does not matter. Messages that leave a gap begin the list anew.
local function merge(key, at)
    local first = number(ARGV[at])
    local last = first + #ARGV - at
    local newest = number(redis.call('LINDEX', key, -1))
    if not newest or first > newest + 1 then
        redis.call('DEL', key)
        newest = first - 1
    end
    local length
    for n = newest + 1, last do
        length = redis.call('RPUSH', key, ARGV[at + n - first])
    end
    length = length or redis.call('LLEN', key)
    local oldest = math.max(newest, last) - length + 1
    if last >= oldest - 1 then
        for n = oldest - 1, first, -1 do
            length, oldest = redis.call('LPUSH', key, ARGV[at + n - first]), n
        end
    end
    if length > most then
        redis.call('LTRIM', key, -most, -1)
    end
    redis.call('PEXPIRE', key, lifetime)
    return oldest > 1 and length < most and oldest or 0
end

if parts > 0 then
    replace()
end
return #KEYS > parts and merge(KEYS[#KEYS], 5 + parts) or 0

-- Adds messages to the latest ones of a conversation, at whichever end they belong to, so that the list never has a gap
-- and the order in which writers come does not matter. Messages that leave a gap begin the list anew.
-- KEYS: the list. ARGV: milliseconds to live, the most messages, then messages in order; each begins {"seq":N,
-- Returns the number of its first message if there are earlier ones that it could hold, else 0.
local function seq(message)
    return message and tonumber(string.match(message, '^{"seq":(%d+)'))
end

local key, most = KEYS[1], tonumber(ARGV[2])
local oldest, newest = seq(redis.call('LINDEX', key, 0)), seq(redis.call('LINDEX', key, -1))
local first = seq(ARGV[3])
local anew = not (oldest and newest) or first > newest + 1
if anew then
    redis.call('DEL', key)
    oldest, newest = first, first - 1
end
for i = 3, #ARGV do
    if seq(ARGV[i]) == newest + 1 then
        redis.call('RPUSH', key, ARGV[i])
        newest = newest + 1
    end
end
for i = #ARGV, 3, -1 do
    if seq(ARGV[i]) == oldest - 1 then
        redis.call('LPUSH', key, ARGV[i])
        oldest = oldest - 1
    end
end
redis.call('LTRIM', key, -most, -1)
redis.call('PEXPIRE', key, ARGV[1])
return oldest > 1 and redis.call('LLEN', key) < most and oldest or 0

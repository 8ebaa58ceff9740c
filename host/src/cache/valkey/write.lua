-- Remembers a state, unless one of a later version is remembered already.
-- KEYS: the state, then its projections. ARGV: its version, milliseconds to live, a value for each key. A state begins
-- with its version in 20 digits.
local kept = tonumber(redis.call('GETRANGE', KEYS[1], 0, 19))
if kept and kept > tonumber(ARGV[1]) then
    return 0
end
for i, key in ipairs(KEYS) do
    redis.call('SET', key, ARGV[i + 2], 'PX', ARGV[2])
end
return 1

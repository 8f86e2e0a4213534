-- Takes a user out of a room, if it is there with this session.
-- KEYS: members, joined, sizes. ARGV: uid, session, room.
-- Returns 1 if the user was taken out, else 0.
redis.call("SREM", KEYS[2], ARGV[3])
if redis.call("HGET", KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
redis.call("HDEL", KEYS[1], ARGV[1])
local n = redis.call("HLEN", KEYS[1])
if n == 0 then
  redis.call("ZREM", KEYS[3], ARGV[3])
else
  redis.call("ZADD", KEYS[3], n, ARGV[3])
end
return 1

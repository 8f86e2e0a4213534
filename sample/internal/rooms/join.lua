-- Puts a user into a room.
-- KEYS: members, joined, sizes. ARGV: uid, session, room, limit of members,
-- limit of rooms, seconds after which the session is forgotten.
-- Returns the number of members and whether the user is new there (1 or 0), or
-- "full" or "rooms".
local holder = redis.call("HGET", KEYS[1], ARGV[1])
if not holder and redis.call("HLEN", KEYS[1]) >= tonumber(ARGV[4]) then
  return redis.status_reply("full")
end
if redis.call("SISMEMBER", KEYS[2], ARGV[3]) == 0 and redis.call("SCARD", KEYS[2]) >= tonumber(ARGV[5]) then
  return redis.status_reply("rooms")
end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
redis.call("SADD", KEYS[2], ARGV[3])
redis.call("EXPIRE", KEYS[2], ARGV[6])
local n = redis.call("HLEN", KEYS[1])
redis.call("ZADD", KEYS[3], n, ARGV[3])
return {n, holder and 0 or 1}

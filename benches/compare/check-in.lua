-- Check-ins: a cluster at random reports a set at random, with its token.
--
--     FILE    the bodies, one a line
--     TOKENS  the tokens of all clusters, one a line, each as long as the others

local started = 0

function setup(thread)
   started = started + 1
   thread:set("seed", os.time() * 100 + started)
end

-- What comes before the cluster's number in each request, between that and its token, and after.
local heads, middles, tails = {}, {}, {}
local tokens, length, clusters

function init(args)
   math.randomseed(seed)
   local file = assert(io.open(args[2]))
   tokens = file:read("*a")
   file:close()
   length = tokens:find("\n", 1, true)
   clusters = #tokens / length
   wrk.headers["Content-Type"] = "application/json"
   wrk.headers["Authorization"] = "Bearer @"
   for body in io.lines(args[1]) do
      local request = wrk.format("POST", "/v4/clusters/00000000-0000-4000-8000-@/checkins", nil, body)
      local number = request:find("@", 1, true)
      local token = request:find("@", number + 1, true)
      heads[#heads + 1] = request:sub(1, number - 1)
      middles[#middles + 1] = request:sub(number + 1, token - 1)
      tails[#tails + 1] = request:sub(token + 1)
   end
end

function request()
   local set, cluster = math.random(#heads), math.random(clusters)
   local token = tokens:sub((cluster - 1) * length + 1, cluster * length - 1)
   return heads[set] .. string.format("%012x", cluster) .. middles[set] .. token .. tails[set]
end

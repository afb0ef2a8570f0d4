-- Posts the same body again and again.
--
--     FILE  the body, on one line

function init(args)
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "application/json"
   wrk.body = io.lines(args[1])()
end

package rooms

import (
	_ "embed" // the scripts

	"github.com/redis/go-redis/v9"
)

// The scripts run inside Redis, so that no other command comes in between. All
// keys of one are on the same server: a Redis cluster is not supported.
var (
	//go:embed join.lua
	joinText   string
	joinScript = redis.NewScript(joinText)

	//go:embed leave.lua
	leaveText   string
	leaveScript = redis.NewScript(leaveText)

	//go:embed append.lua
	appendText   string
	appendScript = redis.NewScript(appendText)
)

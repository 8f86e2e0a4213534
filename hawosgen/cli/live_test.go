package cli

import (
	"strings"
	"testing"

	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/route"
)

func TestLiveRoutesAreByIDThenWhoAnswersNone(t *testing.T) {
	entries := []route.Entry{{ID: 2002, Method: "chat.v1.Chat.Send"}, {ID: 2001, Method: "chat.v1.Chat.Join"}}
	var out strings.Builder
	err := printLive(&out, []registry.Instance{
		{ID: "chat-1", State: registry.Ready, Address: "127.0.0.1:1", Entries: entries},
		{ID: "chat-2", State: registry.Draining, Address: "127.0.0.1:2", Entries: entries[:1]},
		{ID: "frontend-1", State: registry.Ready, Address: "127.0.0.1:3", Admin: "127.0.0.1:4"},
	})
	want := `ID    METHOD             INSTANCE    STATE     ADDRESS      ADMIN
2001  chat.v1.Chat.Join  chat-1      ready     127.0.0.1:1  
2002  chat.v1.Chat.Send  chat-1      ready     127.0.0.1:1  
2002  chat.v1.Chat.Send  chat-2      draining  127.0.0.1:2  
-     -                  frontend-1  ready     127.0.0.1:3  127.0.0.1:4
`
	if got := out.String(); err != nil || got != want {
		t.Errorf("got\n%s%v\nwant\n%s", got, err, want)
	}
}

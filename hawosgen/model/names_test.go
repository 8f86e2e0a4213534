package model

import (
	"testing"
	"time"

	"github.com/hawos/hawos/runtime/route"
)

func TestNames(t *testing.T) {
	for _, c := range []struct {
		f        func(string) string
		what     string
		in, want string
	}{
		{camel, "camel", "room-full", "RoomFull"},
		{camel, "camel", "ROOM_FULL", "RoomFull"},
		{camel, "camel", "_", "X"},
		{camel, "camel", "2FAST", "X2fast"},
		{snake, "snake", "ChatRoom", "chat_room"},
		{snake, "snake", "HTTPGate", "http_gate"},
		{snake, "snake", "Proto_2Service", "proto_2_service"},
		{snakeWords, "snakeWords", "chat-room", "chat_room"},
		{goFile, "goFile", "room", "room.go"},
		{goFile, "goFile", "room_test", "room_test_service.go"},
		{goFile, "goFile", "room_linux", "room_linux_service.go"},
		{goFile, "goFile", "room_arm64", "room_arm64_service.go"},
		{appPackage, "appPackage", "chat-room", "chatroom"},
		{appPackage, "appPackage", "func", "funcapp"},
		{appPackage, "appPackage", "main", "mainapp"},
		{appPackage, "appPackage", "string", "stringapp"},
		{func(s string) string { return withoutPrefix(s, "JoinError") }, "withoutPrefix", "JOIN_ERROR_FULL", "FULL"},
		{func(s string) string { return withoutPrefix(s, "JoinError") }, "withoutPrefix", "JOIN_ERROR_", "JOIN_ERROR_"},
		{func(s string) string { return Doc(s).brief() }, "brief", "Joins a\nroom. And more.", "Joins a room."},
		{func(s string) string { return Doc(s).brief() }, "brief", "Costs 1.5 coins\n\nMore", "Costs 1.5 coins"},
	} {
		if got := c.f(c.in); got != c.want {
			t.Errorf("%s(%q): got %q, want %q", c.what, c.in, got, c.want)
		}
	}
}

func TestChooseGivesWay(t *testing.T) {
	n := names{"A": true, "A_": true}
	for _, want := range []string{"B", "A__", "A___"} {
		if got := n.choose("A", "B"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestDurationsReadAsPeopleWriteThem(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Second:             "time.Second",
		90 * time.Second:        "90 * time.Second",
		2 * time.Hour:           "2 * time.Hour",
		1500 * time.Millisecond: "1500 * time.Millisecond",
		7 * time.Nanosecond:     "7 * time.Nanosecond",
	} {
		if got := durationExpr(d, newImports("m", "d")); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}

func TestOptionsLeaveOutDefaults(t *testing.T) {
	for want, o := range map[string]route.Options{
		"route.Options{}":                                                         {},
		"route.Options{LoginOptional: true}":                                      {LoginOptional: true},
		"route.Options{Order: route.OrderKey}":                                    {Order: route.OrderKey},
		"route.Options{Order: route.OrderNone}":                                   {Order: route.OrderNone},
		"route.Options{Rate: route.Rate{N: 5, Per: time.Hour}, Idempotent: true}": {Rate: route.Rate{N: 5, Per: time.Hour}, Idempotent: true},
	} {
		if got := optionsExpr(o, newImports("m", "d")); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestImportsGiveWayToLocals(t *testing.T) {
	in := newImports("demo", "gen/a", "in")
	for _, c := range [][3]string{
		{"demo/gen/in", "in", "inpb"},
		{"demo/gen/type", "type", "typepb"},
		{"time", "time", "time"},
		{"demo/gen/time", "time", "timepb"},
		{"demo/gen/time", "time", "timepb"},
	} {
		if got := in.useAs(c[0], c[1]); got != c[2] {
			t.Errorf("%s: got %s, want %s", c[0], got, c[2])
		}
	}
	if got := in.qualify("demo/gen/a", "a", "M"); got != "M" {
		t.Errorf("own package: got %s, want M", got)
	}
	if got := len(in.Groups()); got != 2 {
		t.Errorf("groups: got %d, want 2: standard, own", got)
	}
}

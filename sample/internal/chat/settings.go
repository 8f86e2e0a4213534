package chat

import "github.com/hawos/hawos/runtime/config"

// Settings are those of every service and chat's own.
type Settings struct {
	config.Config `yaml:",inline"`
	Chat          struct {
		Words        string `yaml:"words" help:"file of words to mask, one a line, relative to the working directory; empty masks nothing"`
		RoomMembers  int    `yaml:"room_members" default:"500" min:"1" help:"members of a room"`
		SessionRooms int    `yaml:"session_rooms" default:"20" min:"1" help:"rooms that a client may be in at once"`
	} `yaml:"chat"`
}

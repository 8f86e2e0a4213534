package lint

import "testing"

func TestNames(t *testing.T) {
	tests := []struct{ name, camel, lower string }{
		{"room", "Room", "room"},
		{"Room", "Room", "room"},
		{"room_name", "RoomName", "room_name"},
		{"roomName", "RoomName", "room_name"},
		{"HTTPPort", "HTTPPort", "http_port"},
		{"userID", "UserID", "user_id"},
		{"JOIN_REQUEST", "JoinRequest", "join_request"},
		{"ID", "ID", "id"},
		{"_lead__twice_", "LeadTwice", "lead_twice"},
		{"v2beta1", "V2beta1", "v2beta1"},
		{"field_1", "Field1", "field_1"},
	}
	for _, tt := range tests {
		if got := toCamel(tt.name); got != tt.camel {
			t.Errorf("toCamel(%q): got %q, want %q", tt.name, got, tt.camel)
		}
		if got := toLowerSnake(tt.name); got != tt.lower {
			t.Errorf("toLowerSnake(%q): got %q, want %q", tt.name, got, tt.lower)
		}
		for _, again := range []string{toCamel(toCamel(tt.name)), toCamel(tt.camel)} {
			if again != tt.camel {
				t.Errorf("toCamel twice of %q: got %q", tt.name, again)
			}
		}
		if again := toLowerSnake(tt.lower); again != tt.lower {
			t.Errorf("toLowerSnake twice of %q: got %q", tt.name, again)
		}
	}
}

package config

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/mode"
)

// LoginRequest asks for a token.
type LoginRequest struct {
	UID string `json:"uid"` // 1 to 32 characters that can be seen, no space around them
}

// LoginReply is what a client needs to connect.
type LoginReply struct {
	UID     string    `json:"uid"`
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
	WS      string    `json:"ws"` // the frontend to connect to
}

// Login gives a token to whoever asks, under the uid that he likes. A real
// project looks at a password, or at another service's word, here.
func (s *Service) Login(_ context.Context, in *LoginRequest) (*LoginReply, error) {
	if s.config.Mode == mode.Release {
		return nil, errcode.New(codes.PermissionDenied, "this login checks no password, so it is closed in release mode")
	}
	if !isUID(in.UID) {
		return nil, errcode.New(codes.InvalidArgument, "uid must have 1 to 32 characters that can be seen")
	}
	frontends := s.frontends()
	if len(frontends) == 0 {
		return nil, errcode.New(codes.Unavailable, "no frontend is ready").Retry(time.Second)
	}
	token, err := s.keys.Sign(in.UID, 0)
	if err != nil {
		return nil, err
	}
	return &LoginReply{
		UID: in.UID, Token: token, Expires: time.Now().Add(s.config.JWT.TTL),
		WS: frontends[int(s.logins.Add(1))%len(frontends)].WS,
	}, nil
}

// isUID reports whether a person may be called so in this project.
func isUID(uid string) bool {
	n := utf8.RuneCountInString(uid)
	seen := func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }
	return n >= 1 && n <= 32 && uid == strings.TrimSpace(uid) && !strings.ContainsFunc(uid, seen)
}

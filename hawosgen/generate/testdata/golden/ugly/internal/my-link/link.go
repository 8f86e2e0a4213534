// Package mylink handles the requests of the my-link service.
package mylink

import (
	"context"
	"log/slog"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/push"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	linkv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/link/v1"
)

// LinkService implements linkv1.LinkHandler__.
type LinkService struct {
	push push.Sender // what the generated PushX functions take
	log  *slog.Logger
}

var _ linkv1.LinkHandler__ = (*LinkService)(nil)

// NewLinkService returns the handlers of one instance. It runs before
// others know the instance: open here what the handlers need, and close it by
// a.OnStop.
func NewLinkService(_ context.Context, a *app.App) (*LinkService, error) {
	return &LinkService{push: a.Push(), log: a.Log()}, nil
}

// Join answers link.v1.Link.Join.
func (s *LinkService) Join(ctx context.Context, in *wrapperspb.StringValue) (*timestamppb.Timestamp, error) {
	return nil, errcode.NotWritten("link.v1.Link.Join")
}

// LeaveNow answers link.v1.Link.leave_now.
func (s *LinkService) LeaveNow(ctx context.Context, in *emptypb.Empty) (*emptypb.Empty, error) {
	return nil, errcode.NotWritten("link.v1.Link.leave_now")
}

// Called like what the handlers' file imports: "quoted", `back` and */ too.
func (s *LinkService) Context(ctx context.Context, in *linkv1.LinkApp) (*linkv1.LinkHandler, error) {
	return nil, errcode.NotWritten("link.v1.Link.Context")
}

// New answers link.v1.Link.New.
func (s *LinkService) New(ctx context.Context, in *linkv1.ErrFull) (*linkv1.OnPosted, error) {
	return nil, errcode.NotWritten("link.v1.Link.New")
}

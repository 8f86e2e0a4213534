// Package feed handles the requests of the feed service.
package feed

import (
	"context"
	"log/slog"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/push"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	feedv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/plain/gen/feed/v1"
)

// Service implements feedv1.FeedHandler.
type Service struct {
	push push.Sender // what the generated PushX functions take
	log  *slog.Logger
}

var _ feedv1.FeedHandler = (*Service)(nil)

// New returns the handlers of one instance. It runs before
// others know the instance: open here what the handlers need, and close it by
// a.OnStop.
func New(_ context.Context, a *app.App) (*Service, error) {
	return &Service{push: a.Push(), log: a.Log()}, nil
}

// Get returns one item.
func (s *Service) Get(ctx context.Context, in *feedv1.Item) (*feedv1.Item, error) {
	return nil, errcode.NotWritten("feed.v1.Feed.Get")
}

// Watch sends items as they come.
func (s *Service) Watch(in *emptypb.Empty, stream grpc.ServerStreamingServer[feedv1.Item]) error {
	return errcode.NotWritten("feed.v1.Feed.Watch")
}

// Upload answers feed.v1.Feed.Upload.
func (s *Service) Upload(stream grpc.ClientStreamingServer[feedv1.Item, emptypb.Empty]) error {
	return errcode.NotWritten("feed.v1.Feed.Upload")
}

// Talk answers feed.v1.Feed.Talk.
func (s *Service) Talk(stream grpc.BidiStreamingServer[feedv1.Item, feedv1.Item]) error {
	return errcode.NotWritten("feed.v1.Feed.Talk")
}

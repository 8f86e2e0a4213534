// Package rank handles the requests of the rank service.
package rank

import (
	"context"
	"log/slog"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/session"

	rankv1 "github.com/hawos/hawos/hawosgen/testdata/upgrade/v0/gen/rank/v1"
)

// Service implements rankv1.RankHandler.
type Service struct {
	push push.Sender // what the generated PushX functions take
	log  *slog.Logger
}

var _ rankv1.RankHandler = (*Service)(nil)

// New returns the handlers of one instance. It runs before
// others know the instance: open here what the handlers need, and close it by
// a.OnStop.
func New(_ context.Context, a *app.App) (*Service, error) {
	return &Service{push: a.Push(), log: a.Log()}, nil
}

// Report takes a score in.
func (s *Service) Report(ctx context.Context, in *rankv1.ReportRequest) (*rankv1.ReportReply, error) {
	if in.Board == "" {
		return nil, rankv1.ErrNoBoard
	}
	client, _ := session.From(ctx)
	s.log.Debug("report", "uid", client.UID, "score", in.Score)
	return &rankv1.ReportReply{}, rankv1.PushFirst(ctx, s.push, push.Everyone(), &rankv1.First{Board: in.Board, Uid: client.UID})
}

// Top returns the best.
func (s *Service) Top(ctx context.Context, in *rankv1.TopRequest) (*rankv1.TopReply, error) {
	return nil, errcode.NotWritten("rank.v1.Rank.Top")
}

// Count is for other services only.
func (s *Service) Count(ctx context.Context, in *rankv1.CountRequest) (*rankv1.CountReply, error) {
	return nil, errcode.NotWritten("rank.v1.Rank.Count")
}

// SessionOpened hears, at least once, of each session that opens.
func (s *Service) SessionOpened(ctx context.Context, client session.Session) {}

// SessionClosed hears, at least once, of each session that closes.
func (s *Service) SessionClosed(ctx context.Context, client session.Session, reason string) {}

//go:build etcd37

package etcd

import (
	"go.etcd.io/etcd/pkg/v3/pbutil"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"go.etcd.io/raft/v3/raftpb"
)

// etcd 3.7 and raft 3.7: standard protobuf, messages are pointers, fields know whether they are there.

func recordAt(at Position) *walpb.Snapshot {
	return &walpb.Snapshot{Index: &at.Index, Term: &at.Term}
}

func recordOf(s *walpb.Snapshot) Record {
	record := Record{Position: Position{s.GetTerm(), s.GetIndex()}}
	if s.ConfState != nil {
		record.ConfState = pbutil.MustMarshalMessage(s.ConfState)
	}
	return record
}

func stateOf(s *raftpb.HardState) State {
	return State{s.GetTerm(), s.GetVote(), s.GetCommit(), pbutil.MustMarshalMessage(s)}
}

func entryOf(e *raftpb.Entry) Entry {
	return Entry{e.GetTerm(), e.GetIndex(), int32(e.GetType()), e.Data, pbutil.MustMarshalMessage(e)}
}

func snapshotOf(s *raftpb.Snapshot) *Snapshot {
	meta := s.GetMetadata()
	return &Snapshot{
		Position: Position{meta.GetTerm(), meta.GetIndex()},
		Data:     s.GetData(),
		Voters:   meta.GetConfState().GetVoters(),
		Learners: meta.GetConfState().GetLearners(),
		Written:  pbutil.MustMarshalMessage(s),
	}
}

// Save appends one normal entry and the state beside it.
func (w *Writer) Save(e Entry, s State) error {
	entry := &raftpb.Entry{Term: &e.Term, Index: &e.Index, Data: e.Data}
	state := &raftpb.HardState{Term: &s.Term, Vote: &s.Vote, Commit: &s.Commit}
	return w.wal.Save(state, []*raftpb.Entry{entry})
}

//go:build !etcd37

package etcd

import (
	"go.etcd.io/etcd/pkg/v3/pbutil"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"go.etcd.io/raft/v3/raftpb"
)

// etcd 3.6 and raft 3.6: gogo/protobuf, messages are values, fields are there or zero.

func recordAt(at Position) walpb.Snapshot { return walpb.Snapshot{Index: at.Index, Term: at.Term} }

func recordOf(s walpb.Snapshot) Record {
	record := Record{Position: Position{s.Term, s.Index}}
	if s.ConfState != nil {
		record.ConfState = pbutil.MustMarshal(s.ConfState)
	}
	return record
}

func stateOf(s raftpb.HardState) State {
	return State{s.Term, s.Vote, s.Commit, pbutil.MustMarshal(&s)}
}

func entryOf(e raftpb.Entry) Entry {
	return Entry{e.Term, e.Index, int32(e.Type), e.Data, pbutil.MustMarshal(&e)}
}

func snapshotOf(s *raftpb.Snapshot) *Snapshot {
	meta := s.Metadata
	return &Snapshot{
		Position: Position{meta.Term, meta.Index},
		Data:     s.Data,
		Voters:   meta.ConfState.Voters,
		Learners: meta.ConfState.Learners,
		Written:  pbutil.MustMarshal(s),
	}
}

// Save appends one normal entry and the state beside it.
func (w *Writer) Save(e Entry, s State) error {
	entry := raftpb.Entry{Term: e.Term, Index: e.Index, Data: e.Data}
	state := raftpb.HardState{Term: s.Term, Vote: s.Vote, Commit: s.Commit}
	return w.wal.Save(state, []raftpb.Entry{entry})
}

// A peer of another implementation for tests and figures: boxo's bitswap on go-libp2p, on loopback, with its blocks in
// memory. It takes commands as JSON lines on stdin and answers each by one JSON line on stdout.
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"os"
	"syscall"
	"time"

	"github.com/ipfs/boxo/bitswap"
	bsnet "github.com/ipfs/boxo/bitswap/network/bsnet"
	"github.com/ipfs/boxo/blockservice"
	"github.com/ipfs/boxo/blockstore"
	chunker "github.com/ipfs/boxo/chunker"
	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs/importer/balanced"
	"github.com/ipfs/boxo/ipld/unixfs/importer/helpers"
	uio "github.com/ipfs/boxo/ipld/unixfs/io"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	"github.com/ipfs/go-datastore"
	dssync "github.com/ipfs/go-datastore/sync"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

type command struct {
	Do      string `json:"do"`
	Size    int64  `json:"size"`
	Seed    int64  `json:"seed"`
	Chunk   int64  `json:"chunk"`
	Cid     string `json:"cid"`
	Address string `json:"address"`
	Bytes   string `json:"bytes"`
	Ms      int    `json:"ms"`
}

type answer map[string]any

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ctx := context.Background()
	h, err := libp2p.New(
		libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws"),
		libp2p.DisableRelay(),
		libp2p.ResourceManager(&network.NullResourceManager{}),
	)
	if err != nil {
		return err
	}
	store := blockstore.NewBlockstore(dssync.MutexWrap(datastore.NewMapDatastore()))
	exchange := bitswap.New(ctx, bsnet.NewFromIpfsHost(h), nil, store)
	p := &goPeer{ctx: ctx, host: h, store: store, exchange: exchange}
	h.SetStreamHandler("/pinyon/test/raw/1", sendRaw)

	out := json.NewEncoder(os.Stdout)
	addresses := []string{}
	for _, address := range h.Addrs() {
		addresses = append(addresses, address.String()+"/p2p/"+h.ID().String())
	}
	if err := out.Encode(answer{"peerId": h.ID().String(), "addresses": addresses}); err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	for in.Scan() {
		var asked command
		if err := json.Unmarshal(in.Bytes(), &asked); err != nil {
			return err
		}
		reply, err := p.do(asked)
		if err != nil {
			reply = answer{"error": err.Error()}
		}
		if err := out.Encode(reply); err != nil {
			return err
		}
	}
	return in.Err()
}

type goPeer struct {
	ctx      context.Context
	host     host.Host
	store    blockstore.Blockstore
	exchange *bitswap.Bitswap
}

func (p *goPeer) do(asked command) (answer, error) {
	ctx := p.ctx
	if asked.Ms > 0 {
		timed, cancel := context.WithTimeout(ctx, time.Duration(asked.Ms)*time.Millisecond)
		defer cancel()
		ctx = timed
	}
	switch asked.Do {
	case "add": // makes a file of random bytes
		return p.add(ctx, asked)
	case "put": // keeps one block as it is given
		return p.put(ctx, asked)
	case "connect":
		info, err := peer.AddrInfoFromString(asked.Address)
		if err != nil {
			return nil, err
		}
		return answer{}, p.host.Connect(ctx, *info)
	case "disconnect":
		for _, other := range p.host.Network().Peers() {
			if err := p.host.Network().ClosePeer(other); err != nil {
				return nil, err
			}
		}
		return answer{}, nil
	case "fetch": // reads a whole file from who is connected
		return p.fetch(ctx, asked)
	case "block": // fetches one block
		c, err := cid.Decode(asked.Cid)
		if err != nil {
			return nil, err
		}
		block, err := p.exchange.GetBlock(ctx, c)
		if err != nil {
			return nil, err
		}
		return answer{"bytes": base64.StdEncoding.EncodeToString(block.RawData())}, nil
	case "peers":
		peers := []string{}
		for _, other := range p.host.Network().Peers() {
			peers = append(peers, other.String())
		}
		return answer{"peers": peers}, nil
	case "cpu":
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			return nil, err
		}
		return answer{"seconds": seconds(usage.Utime) + seconds(usage.Stime)}, nil
	}
	return nil, fmt.Errorf("there is no command %q", asked.Do)
}

func (p *goPeer) add(ctx context.Context, asked command) (answer, error) {
	size := asked.Chunk
	if size == 0 {
		size = 256 << 10
	}
	dag := merkledag.NewDAGService(blockservice.New(p.store, nil))
	builder, err := merkledag.PrefixForCidVersion(1)
	if err != nil {
		return nil, err
	}
	params := helpers.DagBuilderParams{Dagserv: dag, Maxlinks: 174, RawLeaves: true, CidBuilder: builder}
	source := io.LimitReader(rand.New(rand.NewSource(asked.Seed)), asked.Size)
	made, err := params.New(chunker.NewSizeSplitter(source, size))
	if err != nil {
		return nil, err
	}
	root, err := balanced.Layout(made)
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.LimitReader(rand.New(rand.NewSource(asked.Seed)), asked.Size)); err != nil {
		return nil, err
	}
	return answer{"cid": root.Cid().String(), "sha256": hex.EncodeToString(hash.Sum(nil))}, nil
}

func (p *goPeer) put(ctx context.Context, asked command) (answer, error) {
	c, err := cid.Decode(asked.Cid)
	if err != nil {
		return nil, err
	}
	bytes, err := base64.StdEncoding.DecodeString(asked.Bytes)
	if err != nil {
		return nil, err
	}
	block, err := blocks.NewBlockWithCid(bytes, c)
	if err != nil {
		return nil, err
	}
	if err := p.store.Put(ctx, block); err != nil {
		return nil, err
	}
	return answer{}, p.exchange.NotifyNewBlocks(ctx, block)
}

func (p *goPeer) fetch(ctx context.Context, asked command) (answer, error) {
	c, err := cid.Decode(asked.Cid)
	if err != nil {
		return nil, err
	}
	dag := merkledag.NewDAGService(blockservice.New(p.store, p.exchange))
	session := merkledag.NewSession(ctx, dag)
	root, err := session.Get(ctx, c)
	if err != nil {
		return nil, err
	}
	file, err := uio.NewDagReader(ctx, root, session)
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err != nil {
		return nil, err
	}
	return answer{"size": size, "sha256": hex.EncodeToString(hash.Sum(nil))}, nil
}

// sendRaw sends as many bytes as the first line says: what a stream without bitswap on it carries.
func sendRaw(stream network.Stream) {
	defer stream.Close()
	var size int64
	if _, err := fmt.Fscanf(stream, "%d\n", &size); err != nil {
		stream.Reset()
		return
	}
	piece := make([]byte, 256<<10)
	for size > 0 {
		n := min(size, int64(len(piece)))
		if _, err := stream.Write(piece[:n]); err != nil {
			return
		}
		size -= n
	}
}

func seconds(t syscall.Timeval) float64 {
	return float64(t.Sec) + float64(t.Usec)/1e6
}


// Checks the public log in the reader's own browser: reads every entry, counts, and compares with the numbers on the page,
// with the root that the log has signed, and with the signature. It believes nothing but this script and the key. The
// rules of counting are those of /log/spec; the program `undersigned verify` checks more.
(function () {
  'use strict';

  var box = document.getElementById('check');
  var start = box.querySelector('[data-start]');
  var result = box.querySelector('[data-result]');
  var WIDTH = 256, AHEAD = 8;

  if (!window.crypto || !crypto.subtle || !window.fetch || !window.TextDecoder) {
    say(box.dataset.cannot);
    return;
  }
  start.hidden = false;
  start.addEventListener('click', function () {
    start.disabled = true;
    [].forEach.call(document.querySelectorAll('[data-finding]'), function (f) { f.textContent = ''; });
    check().catch(function (e) {
      say(fill(box.dataset[e.fault] || box.dataset.unread, e), 'fault');
    }).then(function () { start.disabled = false; });
  });

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, function (all, name) {
      var v = values[name];
      return typeof v === 'number' ? v.toLocaleString(document.documentElement.lang) : v;
    });
  }

  function say(text, kind) {
    var p = document.createElement('p');
    p.textContent = text;
    p.className = kind ? 'notice ' + kind : '';
    result.textContent = '';
    result.appendChild(p);
    return p;
  }

  function fault(name, index) {
    var e = new Error(name);
    e.fault = name;
    e.index = index;
    return e;
  }

  function read(path, type) {
    return fetch(box.dataset.log + '/' + path, { credentials: 'omit', cache: 'no-cache' }).then(function (r) {
      if (!r.ok) throw fault('unread');
      return r[type]();
    });
  }

  function bytes(base64) {
    return Uint8Array.from(atob(base64), function (c) { return c.charCodeAt(0); });
  }

  function hash(prefix, a, b) {
    var all = new Uint8Array(1 + a.length + (b ? b.length : 0));
    all[0] = prefix;
    all.set(a, 1);
    if (b) all.set(b, 1 + a.length);
    return crypto.subtle.digest('SHA-256', all).then(function (h) { return new Uint8Array(h); });
  }

  // The root over hashes, by RFC 6962: level by level, where what is left over moves up as it is.
  function root(level) {
    if (level.length === 1) return Promise.resolve(level[0]);
    var next = [];
    for (var i = 0; i < level.length; i += 2) {
      next.push(i + 1 < level.length ? hash(1, level[i], level[i + 1]) : level[i]);
    }
    return Promise.all(next).then(root);
  }

  function same(a, b) {
    return a.length === b.length && a.every(function (x, i) { return x === b[i]; });
  }

  // The signed head: origin, size, root, an empty line, signatures (c2sp.org/tlog-checkpoint).
  function parseHead(note) {
    var end = note.indexOf('\n\n'), lines = note.slice(0, end).split('\n');
    if (end < 0 || lines.length !== 3 || !/^(0|[1-9]\d{0,15})$/.test(lines[1])) throw fault('forged');
    return { text: note.slice(0, end + 1), origin: lines[0], size: Number(lines[1]), root: bytes(lines[2]),
      signatures: note.slice(end + 2).split('\n') };
  }

  // true, false, or null where this browser does not know Ed25519.
  function verifySignature(head, vkey) {
    var parts = vkey.trim().split('+'), name = parts[0], key = bytes(parts.slice(2).join('+'));
    var line = head.signatures.filter(function (l) { return l.indexOf('\u2014 ' + name + ' ') === 0; })[0];
    if (name !== head.origin || key[0] !== 1 || key.length !== 33 || !line) return Promise.resolve(false);
    var signature = bytes(line.slice(name.length + 3)).slice(4);
    return crypto.subtle.importKey('raw', key.slice(1), { name: 'Ed25519' }, false, ['verify']).then(function (k) {
      return crypto.subtle.verify({ name: 'Ed25519' }, k, signature, new TextEncoder().encode(head.text));
    }, function () { return null; });
  }

  function bundlePath(n, width) {
    var path = ('00' + n % 1000).slice(-3);
    for (n = Math.floor(n / 1000); n > 0; n = Math.floor(n / 1000)) path = 'x' + ('00' + n % 1000).slice(-3) + '/' + path;
    return 'tile/entries/' + path + (width < WIDTH ? '.p/' + width : '');
  }

  function readBundle(n, width) {
    return read(bundlePath(n, width), 'arrayBuffer').then(function (buffer) {
      var all = new Uint8Array(buffer), entries = [];
      for (var at = 0; at < all.length;) {
        var end = at + 2 + all[at] * 256 + all[at + 1];
        entries.push(all.subarray(at + 2, end));
        at = end;
      }
      if (entries.length !== width || at !== all.length) throw fault('tree');
      return Promise.all(entries.map(function (e) { return hash(0, e); })).then(root).then(function (r) {
        return { root: r, lines: entries.map(function (e) { return new TextDecoder().decode(e); }) };
      });
    });
  }

  var N = '(0|[1-9]\\d{0,15})', HASH = '[A-Za-z0-9+/]{43}=';
  var FORMS = {
    open: RegExp('^' + N + ' ' + HASH + ' (\\d{4}-\\d\\d-\\d\\d|-)$'), sign: RegExp('^' + N + ' ' + HASH + '$'),
    void: RegExp('^' + N + ' (withdrawn|erased|dup|bot|domain|bounce|legal|error)$'), restore: RegExp('^' + N + '$'),
    shred: RegExp('^' + N + '$'), tally: RegExp('^' + [N, N, N, N, N, N].join(' ') + '$'), close: /^$/, destroy: /^$/
  };

  // Counting, as /log/spec says it: whatever is not allowed makes the whole log invalid.
  function Fold() { this.size = 0; this.petitions = {}; this.signs = []; }

  Fold.prototype.add = function (entry) {
    var m = /^undersigned-log\/v1\n([a-z]+) ([0-9a-f]{16})(?: (.*))?\n$/.exec(entry);
    var form = m && FORMS.hasOwnProperty(m[1]) && FORMS[m[1]].exec(m[3] || '');
    if (!form || !this.apply(m[1], m[2], form)) throw fault('invalid', this.size);
    this.size++;
  };

  Fold.prototype.apply = function (kind, pid, form) {
    var p = this.petitions[pid], n = Number(form[1]);
    if (!p) {
      if (kind !== 'open') return false;
      p = this.petitions[pid] = { counted: 0, withdrawn: 0, erased: 0, fraud: 0, shredded: 0, versions: 0 };
    }
    if (p.destroyed && kind !== 'tally') return false;
    if (p.closed && (kind === 'open' || kind === 'sign' || kind === 'close')) return false;
    switch (kind) {
    case 'open': return n === ++p.versions;
    case 'sign':
      this.signs[this.size] = { petition: p, state: 'counted' };
      p.counted++;
      return n >= 1 && n <= p.versions;
    case 'tally':
      return n === this.size && Number(form[2]) === p.counted && Number(form[3]) === p.withdrawn &&
        Number(form[4]) === p.erased && Number(form[5]) === p.fraud && Number(form[6]) === p.shredded;
    case 'close': p.closed = true; return true;
    case 'destroy': p.destroyed = true; return !!p.closed;
    }
    return this.change(kind, p, this.signs[n], form[2]);
  };

  Fold.prototype.change = function (kind, p, sign, reason) {
    if (!sign || sign.petition !== p) return false;
    var counted = sign.state === 'counted', fraud = sign.state === 'fraud';
    if (kind === 'shred') {
      if (sign.shredded || !counted && !fraud) return false;
      sign.shredded = true;
      if (counted) p.shredded++;
      return true;
    }
    if (kind === 'void' ? !counted : !fraud) return false;
    p[sign.state]--;
    sign.state = kind === 'restore' ? 'counted' : reason === 'withdrawn' || reason === 'erased' ? reason : 'fraud';
    p[sign.state]++;
    if (sign.shredded) p.shredded += sign.state === 'counted' ? 1 : -1;
    return true;
  };

  async function check() {
    var head = parseHead(await read('checkpoint', 'text')), vkey = await read('vkey', 'text');
    var signed = await verifySignature(head, vkey);
    if (signed === false) throw fault('forged');
    var items = [].map.call(document.querySelectorAll('[data-pid]'), function (li) { return { li: li }; });
    var fold = new Fold(), roots = [], waiting = [], bundles = Math.ceil(head.size / WIDTH), next = 0;
    for (var n = 0; n < bundles; n++) {
      for (; next < bundles && next < n + AHEAD; next++) {
        var ahead = readBundle(next, Math.min(WIDTH, head.size - next * WIDTH));
        ahead.catch(function () { /* told of when its turn comes */ });
        waiting.push(ahead);
      }
      var bundle = await waiting.shift();
      roots.push(bundle.root);
      bundle.lines.forEach(function (line) {
        fold.add(line);
        items.forEach(function (item) { note(item, fold); });
      });
      if (n % 16 === 0) say(fill(box.dataset.running, { done: fold.size, all: head.size }));
    }
    if (head.size === 0 || !same(await root(roots), head.root)) throw fault('tree');
    var p = say(fill(box.dataset.right, { all: head.size }), 'right');
    p.textContent += ' ' + (signed ? box.dataset.signed : box.dataset.unsigned);
    items.forEach(tell);
  }

  // The number on the page is that of a size which the log may have outgrown since.
  function note(item, fold) {
    if (fold.size === Number(item.li.dataset.size)) {
      var p = fold.petitions[item.li.dataset.pid];
      item.counted = p ? p.counted : 0;
    }
  }

  function tell(item) {
    var right = item.counted === Number(item.li.dataset.count), finding = item.li.querySelector('[data-finding]');
    finding.textContent = item.counted === undefined ? box.dataset.later :
      right ? box.dataset.same : fill(box.dataset.differs, { count: item.counted });
    finding.className = right ? 'right' : 'fault';
    if (item.counted !== undefined && !right) result.firstChild.className = 'notice fault';
  }
})();

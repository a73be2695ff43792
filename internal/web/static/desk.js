// What the desk does better with a script; all of it but passkeys works without. Passkeys are for browsers of 2020 and later.
(function () {
  'use strict';

  function all(selector) { return [].slice.call(document.querySelectorAll(selector)); }

  function bytes(text) {
    var raw = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    var out = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
    return out.buffer;
  }

  function text(buffer) {
    var raw = '';
    new Uint8Array(buffer).forEach(function (b) { raw += String.fromCharCode(b); });
    return btoa(raw).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }

  function send(path, body) {
    return fetch(path, {method: 'POST', credentials: 'same-origin', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body || {})})
      .then(function (answer) {
        if (!answer.ok) throw answer.status;
        return answer.json();
      });
  }

  // What the browser is asked for has bytes where JSON has text.
  function opened(options) {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    ['excludeCredentials', 'allowCredentials'].forEach(function (list) {
      (options[list] || []).forEach(function (c) { c.id = bytes(c.id); });
    });
    return options;
  }

  function answerOf(credential) {
    var r = credential.response, answer = {};
    ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'].forEach(function (part) {
      if (r[part]) answer[part] = text(r[part]);
    });
    if (r.getTransports) answer.transports = r.getTransports();
    return {id: credential.id, rawId: text(credential.rawId), type: credential.type, response: answer,
      clientExtensionResults: credential.getClientExtensionResults(), authenticatorAttachment: credential.authenticatorAttachment || undefined};
  }

  function trying(box, work) {
    var button = box.querySelector('button'), says = box.querySelector('.error');
    box.hidden = false;
    button.addEventListener('click', function () {
      button.disabled = true;
      says.textContent = '';
      work().catch(function (why) {
        says.textContent = why === 403 && box.getAttribute('data-again') || box.getAttribute('data-failed');
      }).then(function () { button.disabled = false; });
    });
  }

  if (window.PublicKeyCredential && window.fetch) {
    all('[data-passkey]').forEach(function (box) {
      var path = box.getAttribute('data-passkey');
      trying(box, function () {
        var token;
        return send(path + '/ask').then(function (asking) {
          token = asking.token;
          return navigator.credentials.get({publicKey: opened(asking.options.publicKey)});
        }).then(function (credential) {
          return send(box.getAttribute('data-again') || path, {token: token, answer: answerOf(credential)});
        }).then(function (taken) {
          var held = document.getElementById('held');
          if (taken.to) location.assign(box.getAttribute('data-to') || taken.to);
          else if (held) held.submit();
          else location.reload();
        });
      });
    });

    all('[data-new-passkey]').forEach(function (box) {
      var path = box.getAttribute('data-new-passkey');
      trying(box, function () {
        var token;
        return send(path + '/ask').then(function (asking) {
          token = asking.token;
          return navigator.credentials.create({publicKey: opened(asking.options.publicKey)});
        }).then(function (credential) {
          return send(path, {token: token, name: box.querySelector('input').value, answer: answerOf(credential)});
        }).then(function (taken) { location.assign(taken.to); });
      });
    });
  }

  // Long texts are kept in this browser while they are typed, for a form that says where: a browser that ends, a machine that
  // sleeps and a page that is left lose nothing. What was saved is forgotten, and all of it when somebody signs out.
  var prefix = 'undersigned-kept ';
  function store(work) { try { return work(window.localStorage); } catch (e) { return null; } }

  // A page that says that something was saved names what it was.
  all('[data-kept-done]').forEach(function (done) {
    store(function (s) { s.removeItem(prefix + done.getAttribute('data-kept-done')); });
  });
  all('form[data-keep]').forEach(function (form) {
    var key = prefix + form.getAttribute('data-keep'), box = form.querySelector('.kept');
    // What a form began from is kept with its words: brought back later, they meet what others have written since.
    var words = 'textarea[name], input[type=text][name]', began = 'input[type=hidden][name=version], input[type=hidden][name=save]';
    function fields(which) { return [].slice.call(form.querySelectorAll(which)); }
    function values(which) {
      var all = {};
      fields(which).forEach(function (f) { all[f.name] = f.value; });
      return all;
    }
    function fill(which, from) { fields(which).forEach(function (f) { if (f.name in from) f.value = from[f.name]; }); }
    function keep() { store(function (s) { s.setItem(key, JSON.stringify({words: values(words), began: values(began)})); }); }

    var kept = store(function (s) { return JSON.parse(s.getItem(key)); });
    if (form.hasAttribute('data-sent')) keep(); // the page gives back what was sent
    else if (box && kept && kept.words && JSON.stringify(kept.words) !== JSON.stringify(values(words))) {
      box.hidden = false;
      box.querySelector('[data-bring]').addEventListener('click', function () {
        fill(words, kept.words);
        fill(began, kept.began);
        box.hidden = true;
      });
      box.querySelector('[data-forget]').addEventListener('click', function () {
        store(function (s) { s.removeItem(key); });
        box.hidden = true;
      });
    }
    form.addEventListener('input', keep);
    form.addEventListener('submit', keep);
  });
  all('form[data-leaves]').forEach(function (form) {
    form.addEventListener('submit', function () {
      store(function (s) {
        Object.keys(s).forEach(function (key) { if (key.indexOf(prefix) === 0) s.removeItem(key); });
      });
    });
  });
  // A long list is gone through in steps; each page has the button for the next one.
  all('form[data-goes-on]').forEach(function (form) {
    setTimeout(function () { form.submit(); }, 300);
  });
})();

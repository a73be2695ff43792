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

  all('form[data-keep]').forEach(function (form) {
    var key = prefix + form.getAttribute('data-keep');
    function fields() { return [].slice.call(form.querySelectorAll('textarea[name], input[type=text][name]')); }
    function now() {
      var values = {};
      fields().forEach(function (f) { values[f.name] = f.value; });
      return JSON.stringify(values);
    }
    var asSent = now(), kept = store(function (s) { return s.getItem(key); });
    var box = form.querySelector('.kept');
    if (kept && kept !== asSent && box) {
      box.hidden = false;
      box.querySelector('[data-bring]').addEventListener('click', function () {
        var values = JSON.parse(kept);
        fields().forEach(function (f) { if (f.name in values) f.value = values[f.name]; });
        box.hidden = true;
      });
      box.querySelector('[data-forget]').addEventListener('click', function () {
        store(function (s) { s.removeItem(key); });
        box.hidden = true;
      });
    }
    form.addEventListener('input', function () { store(function (s) { s.setItem(key, now()); }); });
    form.addEventListener('submit', function () { store(function (s) { s.setItem(key, now()); }); });
  });
  // A page that says that something was saved names what it was.
  all('[data-kept-done]').forEach(function (done) {
    store(function (s) { s.removeItem(prefix + done.getAttribute('data-kept-done')); });
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

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = async () => {
  const settings = vscode.workspace.getConfiguration("erpmap");
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  client = new LanguageClient(
    "erpmap",
    "erpmap",
    { command: settings.get("command"), args: ["lsp"], options: { cwd: folder } },
    {
      documentSelector: [{ scheme: "file", language: "yaml" }],
      initializationOptions: { mappings: settings.get("mappings") },
      synchronize: {
        fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{yaml,csv,json,graphql}"),
      },
    },
  );
  await client.start();
};

exports.deactivate = () => client?.stop();

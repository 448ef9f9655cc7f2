// SPDX-License-Identifier: Apache-2.0
//
// 简体中文。
export default {
	app: {
		name: '钱包',
		back: '返回',
		cancel: '取消',
	},
};
